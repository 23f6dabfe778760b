//! Functions of other dialects, and what to write instead.

/// What to write instead of a function of PostgreSQL, MySQL, SQL Server, Oracle, Snowflake,
/// BigQuery or Spark that does not exist here.
pub(super) fn instead_of(function: &str) -> Option<&'static str> {
    let at = TABLE.binary_search_by_key(&function, |(name, _)| name);
    at.ok()
        .and_then(|at| TABLE.get(at))
        .map(|(_, instead)| *instead)
}

const TABLE: &[(&str, &str)] = &[
    ("add_months", "day + INTERVAL '1 month'"),
    ("any_match", "array_has(list, x)"),
    ("approx_count_distinct", "approx_distinct(x)"),
    ("argmax", "arg_max(x, by)"),
    ("argmin", "arg_min(x, by)"),
    ("array_size", "cardinality(list)"),
    ("base64", "encode(text, 'base64')"),
    ("charindex", "strpos(text, part)"),
    ("collect_list", "array_agg(x)"),
    ("collect_set", "array_agg(DISTINCT x)"),
    ("columns", "the columns by name, or * EXCLUDE (…)"),
    ("convert", "CAST(x AS type)"),
    ("curdate", "$as_of"),
    ("date_from_parts", "make_date(year, month, day)"),
    ("dateadd", "day + INTERVAL '1 day'"),
    ("datefromparts", "make_date(year, month, day)"),
    ("datename", "strftime(day, '%A')"),
    ("day_of_week", "extract(dow FROM day)"),
    ("div0", "a / nullif(b, 0)"),
    ("editdistance", "levenshtein(a, b)"),
    ("eomonth", "last_day(day)"),
    (
        "epoch_ms",
        "CAST(extract(epoch FROM moment) * 1000 AS BIGINT)",
    ),
    ("every", "bool_and(x)"),
    ("explode", "unnest(list)"),
    ("first", "first_value(x ORDER BY y)"),
    ("flatten", "unnest(list)"),
    ("format", "concat(a, b), or lpad and round for numbers"),
    ("format_date", "strftime(day, '%Y-%m')"),
    (
        "gen_random_uuid",
        "md5(concat_ws('|', a, b)): a key that stays the same",
    ),
    (
        "generate_date_array",
        "generate_series(from, to, INTERVAL '1 day')",
    ),
    (
        "generate_uuid",
        "md5(concat_ws('|', a, b)): a key that stays the same",
    ),
    ("get_json_object", "json_extract_string(json, '$.key')"),
    ("getdate", "$as_of"),
    ("getutcdate", "$as_of"),
    ("hash", "md5(text)"),
    ("hashbytes", "sha256(text)"),
    (
        "histogram",
        "a step of its own: SELECT x, count(*) … GROUP BY x",
    ),
    ("isfinite", "abs(x) < CAST('Infinity' AS DOUBLE)"),
    ("isnull", "coalesce(x, y), or x IS NULL"),
    ("json_extract_scalar", "json_extract_string(json, '$.key')"),
    ("json_query", "json_extract(json, '$.key')"),
    ("json_value", "json_extract_string(json, '$.key')"),
    ("last", "last_value(x ORDER BY y)"),
    ("lcase", "lower(text)"),
    ("len", "character_length(text), or array_length(list)"),
    ("list", "array_agg(x)"),
    ("list_aggr", "the aggregate over unnest(list)"),
    ("list_aggregate", "the aggregate over unnest(list)"),
    ("list_filter", "a step over unnest(list), then array_agg(x)"),
    ("list_sum", "sum over unnest(list)"),
    (
        "list_transform",
        "a step over unnest(list), then array_agg(x)",
    ),
    ("locate", "strpos(text, part)"),
    ("logical_and", "bool_and(x)"),
    ("logical_or", "bool_or(x)"),
    ("md5_hex", "md5(text)"),
    ("mid", "substr(text, from, length)"),
    (
        "months_between",
        "date_diff('month', from, to), or date_sub for whole months",
    ),
    (
        "newid",
        "md5(concat_ws('|', a, b)): a key that stays the same",
    ),
    ("nullifzero", "nullif(x, 0)"),
    ("object_construct", "named_struct('key', x)"),
    ("parse_date", "strptime(text, '%d.%m.%Y')"),
    ("parse_json", "the text itself: json_extract reads it"),
    ("patindex", "regexp_instr(text, pattern)"),
    ("printf", "concat(a, b), or lpad and round for numbers"),
    ("quotename", "'\"' || text || '\"'"),
    ("rand", "md5(key): a number that stays the same"),
    ("ratio_to_report", "x / sum(x) OVER ()"),
    (
        "read_csv",
        "a source: pipeline.toml names the file and the plugin that reads it",
    ),
    (
        "read_csv_auto",
        "a source: pipeline.toml names the file and the plugin that reads it",
    ),
    (
        "read_json",
        "a source: pipeline.toml names the file and the plugin that reads it",
    ),
    (
        "read_parquet",
        "a source: `parquet = { table = \"file\" }` in pipeline.toml",
    ),
    ("ref", "the table by its name: schema.table"),
    ("regexp_contains", "regexp_matches(text, pattern)"),
    ("regexp_substr", "regexp_extract(text, pattern)"),
    ("replicate", "repeat(text, times)"),
    ("rlike", "regexp_matches(text, pattern)"),
    ("safe_cast", "TRY_CAST(x AS type)"),
    ("safe_divide", "a / nullif(b, 0)"),
    ("sha", "sha1(text)"),
    ("sha2", "sha256(text)"),
    ("size", "cardinality(list)"),
    ("source", "the table by its name: schema.table"),
    ("space", "repeat(' ', times)"),
    ("split", "string_to_array(text, ',')"),
    ("str_split", "string_to_array(text, ',')"),
    ("str_to_date", "strptime(text, '%d.%m.%Y')"),
    ("string_split", "string_to_array(text, ',')"),
    ("strip", "trim(text)"),
    ("struct_pack", "named_struct('a', x)"),
    ("stuff", "overlay(text PLACING part FROM 2 FOR 3)"),
    ("substring_index", "split_part(text, ',', 1)"),
    ("sysdate", "$as_of"),
    ("sysdatetime", "$as_of"),
    ("timestampdiff", "date_diff('hour', from, to)"),
    ("to_base64", "encode(text, 'base64')"),
    ("to_number", "CAST(text AS DECIMAL(18, 2))"),
    ("to_timestamp_ntz", "CAST(text AS TIMESTAMP)"),
    (
        "to_varchar",
        "CAST(x AS VARCHAR), or strftime(day, '%Y-%m-%d')",
    ),
    ("try_to_date", "try_strptime(text, '%d.%m.%Y')"),
    ("try_to_number", "TRY_CAST(text AS DECIMAL(18, 2))"),
    ("typeof", "DESCRIBE SELECT x: it shows the type"),
    ("ucase", "upper(text)"),
    ("unix_timestamp", "extract(epoch FROM moment)"),
    ("variance", "var_samp(x)"),
    ("zeroifnull", "coalesce(x, 0)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.is_sorted_by_key(|(name, _)| name));
        assert_eq!(instead_of("getdate"), Some("$as_of"));
        assert_eq!(instead_of("md5"), None);
    }
}
