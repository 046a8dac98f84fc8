-- Over 90 % of the cells of the core lines are filled.
-- severity: warning
-- Over all annual and quarterly statements. The core lines of each industry are in loader/reference/core_lines.csv; loader_core_completeness
-- counts them. A cell is empty where the filer does not report the line, which is no fault: hence a warning. When the whole falls short: one row
-- for each line that does.
SELECT statement, line, cells, filled, round(100.0 * filled / cells, 1) AS percent
FROM loader_core_completeness
WHERE (SELECT 1.0 * sum(filled) / sum(cells) FROM loader_core_completeness) <= 0.9 AND filled <= 0.9 * cells
ORDER BY statement, line;
