"""A line of the trail is never changed: the database itself refuses, on SQLite and PostgreSQL.

A later migration that makes SQLite rebuild the table loses the trigger: end it with ``RunPython(guard)``.
"""

from django.db import migrations

SQLITE = (
    "CREATE TRIGGER keep_trail BEFORE UPDATE ON people_trailline"
    " BEGIN SELECT RAISE(ABORT, 'trail: immutable'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION people_immutable() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'trail: immutable' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER keep_trail BEFORE UPDATE ON people_trailline"
    " FOR EACH ROW EXECUTE FUNCTION people_immutable()",
)


def guard(apps, schema_editor):
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def unguard(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS keep_trail")
        else:
            cursor.execute("DROP FUNCTION IF EXISTS people_immutable CASCADE")


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
