"""The walk as one web page: `gradb.export.html.page`, with the style sheets, the script and the page that it fills."""
