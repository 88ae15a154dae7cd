"""The debugger in a browser: `server` is what the browser talks to, `served` the process that it starts for a page."""
