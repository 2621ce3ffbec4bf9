"""Personal data: field encryption, masking, consents, the audit log."""
