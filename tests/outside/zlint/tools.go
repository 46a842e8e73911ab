//go:build tools

// Package tools pins the program that the tests run.
package tools

import _ "github.com/zmap/zlint/v3/cmd/zlint"
