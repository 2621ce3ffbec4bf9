"""The database: engine, base class of the tables, migrations, the embedded server."""
