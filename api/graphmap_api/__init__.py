"""The HTTP API and the page that it serves: `graphmap_api.app.create_app`."""
