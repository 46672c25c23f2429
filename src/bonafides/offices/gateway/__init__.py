"""The gateway: verifies sign-ins for exactly one platform, keeps remedies, and never learns who anybody is."""
