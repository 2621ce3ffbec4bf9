"""The WeChat platform, wrapped once.

`crypto` opens what the platform pushes, `inbound` reads it, `replies` renders the passive answer;
`client` calls the platform, `tokens` keeps its access token, `errors` says what each errcode means,
`fields` checks notices before they are sent, `wecom` speaks to the staff's 企业微信.
"""
