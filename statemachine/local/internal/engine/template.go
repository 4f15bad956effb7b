package engine

import (
	"fmt"
	"regexp"
	"strings"
)

// contextPaths are the paths into the context object that the engine knows.
const executionName, executionStart, retryCount = "$$.Execution.Name", "$$.Execution.StartTime", "$$.State.RetryCount"

var (
	contextPath = regexp.MustCompile(`^\$\$\.(Execution\.Name|Execution\.StartTime|State\.RetryCount)$`)
	dataPath    = regexp.MustCompile(`^\$(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
)

// checkTemplate refuses a payload template with a path that fill does not know.
func checkTemplate(template map[string]any) error {
	for name, value := range template {
		if object, ok := value.(map[string]any); ok {
			if err := checkTemplate(object); err != nil {
				return err
			}
			continue
		}
		path, isText := value.(string)
		if strings.HasSuffix(name, ".$") && (!isText || !contextPath.MatchString(path) && !dataPath.MatchString(path)) {
			return fmt.Errorf("the stand-in does not know the path %v of %s", value, name)
		}
	}
	return nil
}

// fill returns the template with the values of its paths, into data or into the
// context object.
func fill(template map[string]any, data any, context map[string]any) (map[string]any, error) {
	filled := make(map[string]any, len(template))
	for name, value := range template {
		if object, ok := value.(map[string]any); ok {
			inner, err := fill(object, data, context)
			if err != nil {
				return nil, err
			}
			filled[name] = inner
			continue
		}
		member, isPath := strings.CutSuffix(name, ".$")
		if path, _ := value.(string); isPath {
			found, err := follow(path, data, context)
			if err != nil {
				return nil, err
			}
			value = found
		}
		filled[member] = value
	}
	return filled, nil
}

func follow(path string, data any, context map[string]any) (any, error) {
	if value, ok := context[path]; ok {
		return value, nil
	}
	for _, name := range strings.Split(path, ".")[1:] {
		object, _ := data.(map[string]any)
		value, ok := object[name]
		if !ok {
			return nil, fmt.Errorf("the path %s leads nowhere", path)
		}
		data = value
	}
	return data, nil
}
