"""What the interface answers, field by field: the source of its OpenAPI document."""
