"""What people see: numbers, pages, tables, bills, help, completion and the example."""
