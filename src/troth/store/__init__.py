"""Filing: rows in, values out; the only room that speaks SQL."""
