-- Which company's houses carry an excess of deaths.
SELECT * FROM attribute(
    (SELECT 'cholera' AS topic, company, houses AS shipped, deaths AS complaints FROM erp.companies))
