"""records and lists on paper: HTML and PDF from templates; the only home of WeasyPrint"""
