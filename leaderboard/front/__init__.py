"""The front door: start page, pictures, robots and site map, sign-in cookies, unknown addresses."""
