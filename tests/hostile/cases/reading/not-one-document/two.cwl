class: CommandLineTool
---
class: Workflow
