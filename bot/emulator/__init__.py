"""The WeChat platform played for development and tests.

It stands on the other side of the wire: it pushes messages to our callback and answers our calls
as the platform would, with its quotas, its error codes and its faults. Therefore it shares no code
with `bot.wechat`: a mistake made there must not be mirrored here. Facts and their sources are named
where they are used; "official page" means developers.weixin.qq.com.

What is not emulated, and why, is listed in `README.md` beside this file.
"""
