-- Sellers whose orders draw more complaints than the others' do.
SELECT * FROM disproportionality(
    (SELECT seller_id, complaint FROM staging.seller_orders),
    unit => 'seller_id', hit => 'complaint', minimum => $seller_orders)
