-- An id that is there twice would count what belongs to it twice.
WITH
ids AS (
  SELECT 'person' AS kind, customer_id AS id
  FROM staging.persons
  UNION ALL
  SELECT 'product', product_id
  FROM erp.products
  UNION ALL
  SELECT 'supplier', supplier_id
  FROM erp.suppliers
  UNION ALL
  SELECT 'material', material_id
  FROM erp.materials
  UNION ALL
  SELECT 'lot', finished_lot
  FROM staging.lots
  UNION ALL
  SELECT 'component lot', component_lot
  FROM staging.receipts
  UNION ALL
  SELECT 'order line', order_id || ' / ' || order_line
  FROM staging.order_lines
  UNION ALL
  SELECT kind, record_id
  FROM staging.after_sales
  UNION ALL
  SELECT 'case', case_id
  FROM staging.cases
)
SELECT kind, id, count(*) AS rows
FROM ids
GROUP BY kind, id
HAVING count(*) > 1 OR id IS NULL
