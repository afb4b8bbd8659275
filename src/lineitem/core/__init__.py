"""What we talk about: plain, frozen values on the standard library alone; this room knows no other."""
