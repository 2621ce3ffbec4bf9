"""What goes out to a contact: outbox, reply windows of the platform, choice of channel."""
