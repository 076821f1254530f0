"""Reports and papers: terminal, Word, HTML, workbooks."""
