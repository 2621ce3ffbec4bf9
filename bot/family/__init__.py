"""Pages for families: WeChat web login, phone width, large type."""
