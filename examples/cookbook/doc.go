// Package cookbook holds the recipes of README.md, as examples that are compiled and run.
package cookbook
