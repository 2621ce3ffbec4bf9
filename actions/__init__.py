"""Rasa's custom actions: each translates one step of the dialogue into a call on `bot`."""
