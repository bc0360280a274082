"""What a report is wrapped in: JSON, JSON lines, XML, CSV, HTML, text, ZIP."""
