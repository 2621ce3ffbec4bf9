"""The platform's own HTTP interfaces, one module a subject.

Each interface is a function from a `Call` to what the platform answers; it raises `PlatformError`.
`gateway` gives them access tokens, quotas, faults and HTTP.
"""
