package project

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// reasons returns the values of the constants of type statemachine.Reason in a
// step's folder, and in the packages of steps/internal that its code imports.
func reasons(root, folder string) ([]string, error) {
	found, imports, err := constants(root, folder)
	if err != nil {
		return nil, err
	}
	for _, i := range imports {
		if !strings.Contains(i, "/steps/internal/") {
			continue
		}
		shared, _, err := constants(root, filepath.Join("steps", "internal", path.Base(i)))
		if err != nil {
			return nil, err
		}
		found = append(found, shared...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// constants returns the reasons that a folder declares, and what it imports.
func constants(root, folder string) (values, imports []string, err error) {
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		return nil, nil, fmt.Errorf("list %s: %w", folder, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("parse the step: %w", err)
		}
		for _, i := range file.Imports {
			text, _ := strconv.Unquote(i.Path.Value) //nolint:errcheck // it was parsed
			imports = append(imports, text)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && isReason(spec.Type) {
				values = append(values, literals(spec.Values)...)
			}
			return true
		})
	}
	return values, imports, nil
}

// isReason reports whether a type is written statemachine.Reason.
func isReason(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "Reason" {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "statemachine"
}

func literals(expressions []ast.Expr) (values []string) {
	for _, e := range expressions {
		if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, _ := strconv.Unquote(literal.Value) //nolint:errcheck // it was parsed
			values = append(values, text)
		}
	}
	return values
}
