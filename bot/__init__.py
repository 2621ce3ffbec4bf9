"""Jingkang (精康): community rehabilitation of people with mental disorders, by WeChat."""
