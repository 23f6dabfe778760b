-- Who delivers materials.
SELECT supplier_id, trim(name) AS name, country, _file AS file, _line AS line
FROM erp.suppliers
