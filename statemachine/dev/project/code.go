package project

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Field is a field of the type Result of a step, besides those of the Outcome that
// every result has.
type Field struct {
	// Name is its name in JSON, Type its type in Go, and Doc its comment.
	Name, Type, Doc string
}

// code is what is read from the code of a package.
type code struct {
	imports []string
	// reasons are the values of the constants of type statemachine.Reason.
	reasons []string
	// fields are those of the type Result; result says that there is one.
	fields []Field
	result bool
}

// readCode reads the package in a folder below root, without its tests.
func readCode(root, folder string) (code, error) {
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		return code{}, fmt.Errorf("list %s: %w", folder, err)
	}
	var c code
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return code{}, fmt.Errorf("parse the step: %w", err)
		}
		for _, i := range file.Imports {
			c.imports = append(c.imports, unquote(i.Path))
		}
		ast.Inspect(file, c.visit)
	}
	return c, nil
}

func (c *code) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ValueSpec:
		if n.Type != nil && expression(n.Type) == "statemachine.Reason" {
			for _, value := range n.Values {
				if literal, ok := value.(*ast.BasicLit); ok {
					c.reasons = append(c.reasons, unquote(literal))
				}
			}
		}
	case *ast.TypeSpec:
		if result, ok := n.Type.(*ast.StructType); ok && n.Name.Name == "Result" {
			c.result = true
			for _, field := range result.Fields.List {
				if len(field.Names) > 0 && field.Tag != nil {
					name, _, _ := strings.Cut(reflect.StructTag(unquote(field.Tag)).Get("json"), ",")
					if name == "-" {
						continue
					}
					doc := strings.Join(strings.Fields(field.Doc.Text()), " ")
					c.fields = append(c.fields, Field{Name: name, Type: expression(field.Type), Doc: doc})
				}
			}
		}
	}
	return true
}

// allReasons returns the sorted reasons of a step, those of the packages of
// steps/internal that it imports among them.
func (c code) allReasons(root string) ([]string, error) {
	all := c.reasons
	for _, i := range c.imports {
		if strings.Contains(i, "/steps/internal/") {
			shared, err := readCode(root, filepath.Join("steps", "internal", path.Base(i)))
			if err != nil {
				return nil, err
			}
			all = append(all, shared.reasons...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// expression is a type as it is written.
func expression(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return expression(e.X) + "." + e.Sel.Name
	case *ast.ArrayType:
		return "[]" + expression(e.Elt)
	}
	return "any"
}

func unquote(literal *ast.BasicLit) string {
	text, _ := strconv.Unquote(literal.Value)
	return text
}
