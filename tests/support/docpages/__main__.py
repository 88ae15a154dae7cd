"""`python -m docpages`: writes the generated parts into the pages of `docs/`."""

from docpages import pages, refresh

for page in pages():
    before = page.read_text("utf-8")
    after = refresh(before)
    if after != before:
        page.write_text(after, "utf-8")
    print(f"{'written  ' if after != before else 'unchanged'}  {page.name}")
