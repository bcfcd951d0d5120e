"""From YAML files and overrides to one plain, resolved mapping whose every value knows where it came from."""
