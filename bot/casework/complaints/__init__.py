"""Complaints: taken in chat, handled by supervisors whom they do not concern, followed by number.

Who may see a complaint is said in one place, `sight.may_see`; every read goes through it. The
words that make up a complaint are left out of the conversation that social workers read.
Sources: 闽民事〔2023〕86号 三(六)17 asks for the channel; the periods are those of 信访.
"""
