"""What stands out: values seen go in, findings come out. Pure: time, rates and settings are always given."""
