package storage_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Mistakes with an ORM that showed one keystore's rows to another, or ran a caller's string as SQL. What the statements
// of this package may look like is checked on its source.

// constantFirst are the calls whose first argument becomes SQL.
var constantFirst = []string{
	"Where", "Or", "Not", "Having", "Raw", "Exec", "Select", "Joins", "Table", "Group", "Order", "Distinct", "Pluck", "Omit", "Update",
}

// forbidden are the calls that write what was not asked for, or have no business here.
var forbidden = []string{
	"Save", "FirstOrCreate", "FirstOrInit", "UpdateColumn", "UpdateColumns", "AutoMigrate", "Debug", "InnerJoins", "CreateInBatches",
}

// findings lists what is wrong with the GORM calls in the files.
func findings(t *testing.T, files map[string]string) []string {
	t.Helper()
	set := token.NewFileSet()
	constants := map[string]bool{}
	imported := map[string]bool{}
	var parsed []*ast.File
	for name, source := range files {
		f, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
		for _, i := range f.Imports {
			name := strings.Trim(i.Path.Value, `"`)
			if i.Name != nil {
				name = i.Name.Name
			}
			imported[name[strings.LastIndex(name, "/")+1:]] = true
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					for _, n := range s.(*ast.ValueSpec).Names {
						constants[n.Name] = true
					}
				}
			}
		}
	}
	var constant func(e ast.Expr) bool
	constant = func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.BasicLit:
			return e.Kind == token.STRING
		case *ast.Ident:
			return constants[e.Name]
		case *ast.BinaryExpr:
			return e.Op == token.ADD && constant(e.X) && constant(e.Y)
		case *ast.ParenExpr:
			return constant(e.X)
		}
		return false
	}
	var found []string
	for _, f := range parsed {
		report := func(n ast.Node, format string, args ...any) {
			found = append(found, fmt.Sprintf("%s: %s", set.Position(n.Pos()), fmt.Sprintf(format, args...)))
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if sel, ok := lit.Type.(*ast.SelectorExpr); ok && qualifier(sel) == "clause" &&
					!slices.Contains([]string{"OnConflict", "Column"}, sel.Sel.Name) {
					report(n, "clause.%s makes SQL out of values", sel.Sel.Name)
				}
			}
			if assign, ok := n.(*ast.AssignStmt); ok && assign.Tok == token.DEFINE {
				for _, l := range assign.Lhs {
					if id, ok := l.(*ast.Ident); ok && constants[id.Name] {
						report(n, "%s hides a constant", id.Name)
					}
				}
			}
			if field, ok := n.(*ast.FuncType); ok {
				for _, p := range field.Params.List {
					for _, id := range p.Names {
						if constants[id.Name] {
							report(n, "%s hides a constant", id.Name)
						}
					}
				}
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name := sel.Sel.Name
			if imported[qualifier(sel)] { // a function of another package
				if qualifier(sel) == "gorm" && name == "Expr" {
					report(n, "gorm.Expr makes SQL out of values")
				}
				if qualifier(sel) == "gorm" && name == "Open" && (len(call.Args) != 2 || !silent(call.Args[1])) {
					report(n, "gorm.Open without Logger: logger.Discard: the default logger prints bound values")
				}
				return true
			}
			switch {
			case slices.Contains(forbidden, name):
				report(n, "%s is not to be used", name)
			case slices.Contains(constantFirst, name):
				if len(call.Args) == 0 || !constant(call.Args[0]) {
					report(n, "%s with what is not a constant string", name)
				} else if name == "Where" && (len(call.Args) < 2 || !strings.Contains(text(call.Args[0]), "?")) {
					report(n, "Where without a bound value")
				}
			case slices.Contains([]string{"First", "Take", "Last", "Find", "Delete"}, name):
				if len(call.Args) != 1 {
					report(n, "%s with a condition in it", name)
				}
			case name == "Updates":
				if lit, ok := call.Args[0].(*ast.CompositeLit); !ok {
					report(n, "Updates with what is not written out")
				} else if _, ok := lit.Type.(*ast.MapType); !ok {
					report(n, "Updates with what is not a map")
				}
			}
			return true
		})
	}
	return found
}

func qualifier(sel *ast.SelectorExpr) string {
	if x, ok := sel.X.(*ast.Ident); ok {
		return x.Name
	}
	return ""
}

// text joins the literals of a constant expression.
func text(e ast.Expr) string {
	var s strings.Builder
	ast.Inspect(e, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			s.WriteString(lit.Value)
		}
		return true
	})
	return s.String()
}

// silent tells whether the expression is &gorm.Config{…} with Logger: logger.Discard.
func silent(e ast.Expr) bool {
	address, ok := e.(*ast.UnaryExpr)
	if !ok {
		return false
	}
	config, ok := address.X.(*ast.CompositeLit)
	if !ok {
		return false
	}
	return slices.ContainsFunc(config.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, _ := kv.Key.(*ast.Ident)
		value, _ := kv.Value.(*ast.SelectorExpr)
		return key != nil && key.Name == "Logger" && value != nil && qualifier(value) == "logger" && value.Sel.Name == "Discard"
	})
}

func TestStatementsAreConstant(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(source)
		}
	}
	if len(files) < 5 {
		t.Fatalf("found %d source files", len(files))
	}
	for _, f := range findings(t, files) {
		t.Error(f)
	}
}

func TestStatementCheckSees(t *testing.T) {
	const head = `package p
		import ("gorm.io/gorm"; "gorm.io/gorm/clause"; "gorm.io/gorm/logger"; "slices")
		const query = "id = ?"
		func f(tx *gorm.DB, id string, k Key, ks []Key, d gorm.Dialector) {
			`
	for _, bad := range []string{
		// The five of the threat analysis.
		`tx.Where(&Key{KeystoreID: id}).Find(&k)`,          // an empty field is no condition: both keystores' rows
		`tx.First(&k, id)`,                                 // a string is run as SQL
		`tx.Save(&k)`,                                      // overwrites whose ever row it is
		`tx.Order(id).Find(&ks)`,                           // a string is run as SQL
		`gorm.Open(d, &gorm.Config{TranslateError: true})`, // the default logger prints values
		// Their relatives.
		`tx.Where(map[string]any{"id": id}).Find(&k)`,
		`tx.Where(id).Find(&k)`,
		`tx.Where("id = '" + id + "'").Find(&k)`,
		`tx.Where("id = 1").Find(&k)`,
		`tx.Where("id = ?", id).Or(&Key{ID: id}).Find(&k)`,
		`tx.Find(&ks, "id = ?", id)`,
		`tx.Take(&k, id)`,
		`tx.Last(&k, id)`,
		`tx.Delete(&k, id)`,
		`tx.Raw("SELECT " + id).Scan(&k)`,
		`tx.Exec(id)`,
		`tx.Table(id).Find(&k)`,
		`tx.Select(id).Find(&k)`,
		`tx.Joins(id).Find(&k)`,
		`tx.Where("id = ?", id).Updates(k)`,
		`tx.Where("id = ?", id).Updates(Key{State: id})`,
		`tx.Where("id = ?", id).Update(id, 1)`,
		`tx.Clauses(clause.OrderBy{Columns: nil}).Find(&k)`,
		`tx.Where("id = ?", gorm.Expr(id)).Find(&k)`,
		`tx.FirstOrCreate(&k)`,
		`tx.AutoMigrate(&k)`,
		`query := id; tx.Raw(query).Scan(&k)`,
		`func(query string) { tx.Raw(query).Scan(&k) }(id)`,
		`gorm.Open(d)`,
		`gorm.Open(d, &gorm.Config{Logger: logger.Default})`,
	} {
		if got := findings(t, map[string]string{"p.go": head + bad + "\n}"}); len(got) == 0 {
			t.Errorf("%s passes the check", bad)
		}
	}
	const good = `tx.Where("id = ?", id).Find(&ks)
		tx.Where("a = ? AND b = ?", id, id).Delete(&Key{})
		tx.Raw("SELECT * FROM k WHERE "+query+" ORDER BY id", id).Scan(&ks)
		tx.Model(&Key{}).Where("id = ?", id).Updates(map[string]any{"state": id})
		tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&k)
		ks = slices.Delete(ks, 0, 1)
		gorm.Open(d, &gorm.Config{Logger: logger.Discard})`
	if got := findings(t, map[string]string{"p.go": head + good + "\n}"}); len(got) != 0 {
		t.Errorf("the check refuses what is right: %v", got)
	}
}
