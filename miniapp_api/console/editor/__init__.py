"""The editors' pages (指南编辑): guides and notices, drafts with a preview, approval, history."""
