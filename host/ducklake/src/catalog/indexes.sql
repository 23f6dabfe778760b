-- The specification has no index; each statement of a commit would read whole tables without these.
CREATE INDEX IF NOT EXISTS ducklake_column_of_table ON ducklake_column(table_id);
CREATE INDEX IF NOT EXISTS ducklake_column_tag_of_table ON ducklake_column_tag(table_id);
CREATE INDEX IF NOT EXISTS ducklake_data_file_of_table ON ducklake_data_file(table_id);
CREATE INDEX IF NOT EXISTS ducklake_delete_file_of_table ON ducklake_delete_file(table_id);
CREATE INDEX IF NOT EXISTS ducklake_table_of_schema ON ducklake_table(schema_id, table_name);
CREATE INDEX IF NOT EXISTS ducklake_table_stats_of_table ON ducklake_table_stats(table_id);
CREATE INDEX IF NOT EXISTS ducklake_table_column_stats_of_table ON ducklake_table_column_stats(table_id);
CREATE INDEX IF NOT EXISTS ducklake_schema_versions_of_table ON ducklake_schema_versions(table_id);
CREATE INDEX IF NOT EXISTS ducklake_file_column_stats_of_file ON ducklake_file_column_stats(data_file_id);
