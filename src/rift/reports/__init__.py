"""Results for people: terminal tables, CSV and JSON files, pages."""
