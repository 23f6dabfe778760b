-- What the products are made of; `kind` says which part of the product a material becomes.
SELECT material_id, trim(name) AS name, kind, _file AS file, _line AS line
FROM erp.materials
