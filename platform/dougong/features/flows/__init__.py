"""approvals in BPMN; the only home of SpiffWorkflow"""
