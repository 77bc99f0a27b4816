"""The hall manager's pages (大厅管理): plan, closures, the hall live, figures, appeals."""
