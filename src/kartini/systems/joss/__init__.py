"""JOSS, Jepara Online Smart Service: permits that the national OSS does not handle, from application to signed document."""
