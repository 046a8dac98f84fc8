-- Cells of the core lines in annual and quarterly statements, and how many of them are filled, line by line.
SELECT statement, line, cells, filled FROM loader_core_completeness WHERE cells > 0 ORDER BY statement, line;
