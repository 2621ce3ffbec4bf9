"""Pages for families, opened in WeChat: their cases, what comes next, what they agreed to."""
