package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/miekg/dns"
)

var proxy = map[string][]string{
	"A":    {"104.16.0.1", "104.16.0.2"},
	"AAAA": {"2606:4700::1", "2606:4700::2"},
}

type cloudflareRecord struct{}

type cloudflareModel struct {
	ID       types.String  `tfsdk:"id"`
	ZoneID   types.String  `tfsdk:"zone_id"`
	Name     types.String  `tfsdk:"name"`
	Type     types.String  `tfsdk:"type"`
	TTL      types.Float64 `tfsdk:"ttl"`
	Content  types.String  `tfsdk:"content"`
	Priority types.Float64 `tfsdk:"priority"`
	Proxied  types.Bool    `tfsdk:"proxied"`
	Comment  types.String  `tfsdk:"comment"`
}

func (r *cloudflareRecord) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = "cloudflare_dns_record"
}

func (r *cloudflareRecord) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":       schema.StringAttribute{Computed: true, PlanModifiers: stays},
		"zone_id":  schema.StringAttribute{Required: true, PlanModifiers: replaces},
		"name":     schema.StringAttribute{Required: true},
		"type":     schema.StringAttribute{Required: true},
		"ttl":      schema.Float64Attribute{Required: true},
		"content":  schema.StringAttribute{Optional: true},
		"priority": schema.Float64Attribute{Optional: true},
		"proxied":  schema.BoolAttribute{Optional: true},
		"comment":  schema.StringAttribute{Optional: true},
	}}
}

func (m *cloudflareModel) sets() ([]recordSet, error) {
	octets, err := hex.DecodeString(m.ZoneID.ValueString())
	if err != nil {
		return nil, fmt.Errorf("Could not route to /zones/%s/dns_records", m.ZoneID.ValueString())
	}
	zone := strings.TrimRight(string(octets), "\x00")
	name := strings.ToLower(strings.TrimSuffix(m.Name.ValueString(), "."))
	if name == "@" {
		name = zone
	} else if name != zone && !strings.HasSuffix(name, "."+zone) {
		name += "." + zone
	}
	kind, owner, ttl := m.Type.ValueString(), name+".", int64(m.TTL.ValueFloat64())
	if ttl == 1 {
		ttl = 300
	}
	if m.Proxied.ValueBool() {
		if kind != "A" && kind != "AAAA" && kind != "CNAME" {
			return nil, fmt.Errorf("This record type cannot be proxied. (%s)", kind)
		}
		return []recordSet{
			{zone, owner, "A", 300, proxy["A"]},
			{zone, owner, "AAAA", 300, proxy["AAAA"]},
		}, nil
	}
	value := withDot(kind, m.Content.ValueString())
	switch kind {
	case "MX":
		value = fmt.Sprintf("%d %s", int64(m.Priority.ValueFloat64()), value)
	case "TXT":
		value = cut(m.Content.ValueString())
	}
	return []recordSet{{zone, owner, kind, ttl, []string{value}}}, nil
}

// cut writes a text as strings of at most 255 octets, as Cloudflare does by itself.
func cut(text string) string {
	var strs []string
	if len(text) > 1 && strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) {
		for _, found := range quoted.FindAllStringSubmatch(text, -1) {
			strs = append(strs, found[1])
		}
	} else {
		strs = append(strs, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text))
	}
	var written []string
	for _, each := range strs {
		for len(each) > 255 {
			written, each = append(written, `"`+each[:255]+`"`), each[255:]
		}
		written = append(written, `"`+each+`"`)
	}
	return strings.Join(written, " ")
}

func (m *cloudflareModel) publish(old *cloudflareModel) error {
	var gone, come []dns.RR
	var zone string
	for _, side := range []struct {
		model *cloudflareModel
		into  *[]dns.RR
	}{{old, &gone}, {m, &come}} {
		if side.model == nil {
			continue
		}
		sets, err := side.model.sets()
		if err != nil {
			return err
		}
		for _, set := range sets {
			records, err := set.records()
			if err != nil {
				return err
			}
			*side.into, zone = append(*side.into, records...), set.zone
		}
	}
	return change(zone, nil, nil, gone, come)
}

func (m *cloudflareModel) identify() {
	digest := sha256.Sum256([]byte(m.ZoneID.String() + m.Name.String() + m.Type.String() + m.Content.String()))
	m.ID = types.StringValue(hex.EncodeToString(digest[:16]))
}

func (r *cloudflareRecord) Create(ctx context.Context, request resource.CreateRequest, answer *resource.CreateResponse) {
	var record cloudflareModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &record)...)
	if answer.Diagnostics.HasError() {
		return
	}
	if err := record.publish(nil); err != nil {
		answer.Diagnostics.AddError("failed to make http request", err.Error())
		return
	}
	record.identify()
	answer.Diagnostics.Append(answer.State.Set(ctx, record)...)
}

func (r *cloudflareRecord) Update(ctx context.Context, request resource.UpdateRequest, answer *resource.UpdateResponse) {
	var old, record cloudflareModel
	answer.Diagnostics.Append(request.State.Get(ctx, &old)...)
	answer.Diagnostics.Append(request.Plan.Get(ctx, &record)...)
	if answer.Diagnostics.HasError() {
		return
	}
	if err := record.publish(&old); err != nil {
		answer.Diagnostics.AddError("failed to make http request", err.Error())
		return
	}
	answer.Diagnostics.Append(answer.State.Set(ctx, record)...)
}

func (r *cloudflareRecord) Delete(ctx context.Context, request resource.DeleteRequest, answer *resource.DeleteResponse) {
	var record cloudflareModel
	answer.Diagnostics.Append(request.State.Get(ctx, &record)...)
	sets, err := record.sets()
	var gone []dns.RR
	for _, set := range sets {
		records, _ := set.records()
		gone = append(gone, records...)
	}
	if err == nil {
		err = change(sets[0].zone, nil, nil, gone, nil)
	}
	if err != nil {
		answer.Diagnostics.AddError("failed to make http request", err.Error())
	}
}

func (r *cloudflareRecord) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}
