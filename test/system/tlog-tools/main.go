// What tests need of programs that others wrote, beside torchwood's litewitness:
//
//	tlog-tools read KEYS PROOF LINE    opens a proof by Go's sumdb/note and sumdb/tlog
//	tlog-tools agent SOCKET            holds a new key as an SSH agent, prints its fingerprint
//	tlog-tools add-log DB KEY          makes a log known to a litewitness
//
// KEYS has a verifier key a line: that of the log, then those of witnesses.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func main() {
	commands := map[string]func([]string) error{"read": read, "agent": serveAgent, "add-log": addLog}
	command, found := commands[os.Args[1]]
	if !found {
		fmt.Fprintln(os.Stderr, "unknown command")
		os.Exit(2)
	}
	if err := command(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(args []string) error {
	texts := make([]string, 3)
	for i := range texts {
		bytes, err := os.ReadFile(args[i])
		if err != nil {
			return err
		}
		texts[i] = string(bytes)
	}
	keys, proof, line := texts[0], texts[1], strings.TrimSuffix(texts[2], "\n")
	var verifiers []note.Verifier
	for i, key := range strings.Fields(keys) {
		verifier, err := verifierOf(key, i == 0)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, verifier)
	}
	head, signed, found := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("no proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, text := range lines[2:] {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return err
	}
	checkpoint, err := torchwood.ParseCheckpoint(opened.Text)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash([]byte(line))
	if err := tlog.CheckRecord(path, checkpoint.N, checkpoint.Hash, index, leaf); err != nil {
		return err
	}
	fmt.Println(checkpoint.Origin, checkpoint.N, index)
	for _, signature := range opened.Sigs {
		fmt.Println(signature.Name)
	}
	return nil
}

// A log's key as sumdb/note reads it; a witness's, whose signature holds a time.
func verifierOf(key string, isLog bool) (note.Verifier, error) {
	if isLog {
		return note.NewVerifier(key)
	}
	name, rest, _ := strings.Cut(key, "+")
	_, text, _ := strings.Cut(rest, "+")
	typed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 4 {
		return nil, fmt.Errorf("no key of a witness: %s", key)
	}
	hash := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return witness{name, binary.BigEndian.Uint32(hash[:]), ed25519.PublicKey(typed[1:])}, nil
}

type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(signed), signature[8:])
}

func serveAgent(args []string) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	shown, err := ssh.NewPublicKey(public)
	if err != nil {
		return err
	}
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: &private}); err != nil {
		return err
	}
	socket, err := net.Listen("unix", args[0])
	if err != nil {
		return err
	}
	fmt.Println(ssh.FingerprintSHA256(shown))
	for {
		connection, err := socket.Accept()
		if err != nil {
			return err
		}
		go agent.ServeAgent(keys, connection)
	}
}

// The tables are those that litewitness makes; its witnessctl needs a module that is not served.
func addLog(args []string) error {
	verifier, err := note.NewVerifier(args[1])
	if err != nil {
		return err
	}
	db, err := sqlite.OpenConn(args[0], 0)
	if err != nil {
		return err
	}
	defer db.Close()
	empty, err := tlog.TreeHash(0, nil)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{"CREATE TABLE IF NOT EXISTS log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL)", nil},
		{"CREATE TABLE IF NOT EXISTS key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin))", nil},
		{"INSERT INTO log VALUES (?, 0, ?)", []any{verifier.Name(), empty.String()}},
		{"INSERT INTO key VALUES (?, ?)", []any{verifier.Name(), args[1]}},
	} {
		if err := sqlitex.Execute(db, step.query, &sqlitex.ExecOptions{Args: step.args}); err != nil {
			return err
		}
	}
	return nil
}
