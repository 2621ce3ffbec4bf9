"""The social workers' console: sign-in, queue, case page."""
