from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.emulator.cipher import CipherError, MessageCipher, signature

APP_ID = "wx0000000000000000"
KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"


def test_the_signature_of_the_official_example() -> None:
    # subscription/guide/dev/push/encryption: token, timestamp and nonce with their signature.
    expected = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    assert signature("AAAAA", "1714037059", "486452656") == expected


@given(st.text(max_size=200))
def test_what_is_encrypted_can_be_decrypted(message: str) -> None:
    cipher = MessageCipher(KEY, APP_ID)
    assert cipher.decrypt(cipher.encrypt(message)) == message


def test_every_padding_length_is_used_and_read() -> None:
    cipher = MessageCipher(KEY, APP_ID)
    for length in range(40):
        assert cipher.decrypt(cipher.encrypt("x" * length)) == "x" * length


def test_an_independent_library_reads_what_we_encrypt() -> None:
    sealed = MessageCipher(KEY, APP_ID).encrypt("<xml><Content>你好</Content></xml>")
    envelope = f"<xml><ToUserName>gh_x</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
    theirs = WeChatCrypto("token", KEY, APP_ID)
    read = theirs.decrypt_message(envelope, signature("token", "1", "2", sealed), "1", "2")
    assert "你好" in read


@pytest.mark.parametrize("sealed", ["", "AAAA", "not base64!", "QUFBQQ==", "A" * 64])
def test_garbage_is_one_kind_of_error(sealed: str) -> None:
    with pytest.raises(CipherError):
        MessageCipher(KEY, APP_ID).decrypt(sealed)


def test_a_message_for_another_account_is_refused() -> None:
    with pytest.raises(CipherError, match="another app id"):
        MessageCipher(KEY, APP_ID).decrypt(MessageCipher(KEY, "wx1").encrypt("hello"))


@pytest.mark.parametrize("key", ["short", "!" * 43, "a" * 44])
def test_a_wrong_key_is_named_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="AES key"):
        MessageCipher(key, APP_ID)
