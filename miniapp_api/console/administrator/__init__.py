"""The administrator's pages (系统管理): staff, settings, the audit trail."""
