// Package rolling shows how a document gets another form while programs run: see README.md.
package rolling
