"""Editing (指南编辑): drafts, approval by a second person, publication and roll-back."""
